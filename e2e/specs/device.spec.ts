import { Program } from '../support/process.ts'
import { expect, folder, test } from '../support/fixtures.ts'
import { allConnected, expectLine } from '../support/person.ts'

test('people in browsers on WebSocket and long-poll read a device on MQTT over TCP', async ({
  invite,
  deployment,
  room,
}) => {
  const ada = await invite('Ada', { line: 'websocket' })
  const bob = await invite('Bob', { line: 'longpoll' })
  await ada.enter()
  const device = new Program('node', ['dist/main.js', `mqtt://127.0.0.1:${deployment.mqttPort}`, room], {
    cwd: folder('examples/device'),
    env: {},
    ready: () => Promise.resolve(device.output.includes('online')),
  })
  try {
    await device.start()
    await bob.enter()
    for (const person of [ada, bob]) {
      await expect(person.peer('Thermometer')).toContainText('connected')
      await expectLine(person, 'Thermometer', 'MQTT')
      await expect(person.peer('Thermometer').getByTitle('temperature')).toContainText(/\d+(\.\d)? °C/)
    }
    await ada.say('/read')
    for (const person of [ada, bob]) await expect(person.message('It is')).toContainText('°C')

    // Cameras are not sent to the device and do not disturb it.
    const before = await ada.connections()
    await ada.turnOnCamera()
    await bob.watches(ada)
    await expect(ada.tile('Thermometer')).toHaveCount(0)
    // A phone has no room to show people twice, but a device has no tile.
    await ada.page.setViewportSize({ width: 390, height: 844 })
    await expect(ada.peer('Thermometer').getByTitle('temperature')).toBeVisible()
    await expect(ada.peer('Bob')).toBeHidden()
    await bob.say('/read')
    await expect(bob.message('It is')).toHaveCount(2)
    expect(await ada.connections(), 'no connection was remade').toEqual(before)

    expect(await device.stop('SIGTERM')).toBe(0)
    await expect(ada.peer('Thermometer')).toHaveCount(0)
    await allConnected(ada, bob)
  } finally {
    await device.stop('SIGKILL')
  }
})
