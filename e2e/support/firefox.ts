import type { LaunchOptions } from '@playwright/test'
import { fileURLToPath } from 'node:url'

/** Starts the system's Firefox, without a window and with devices of its own making. */
export const firefoxOptions: LaunchOptions = {
  channel: 'moz-firefox',
  executablePath: fileURLToPath(new URL('firefox.mjs', import.meta.url)),
  // Those of the configuration are Chromium's.
  args: [],
  firefoxUserPrefs: {
    'media.navigator.streams.fake': true,
    // Over WebDriver BiDi the permission cannot be given to one page: nobody is asked.
    'media.navigator.permission.disabled': true,
    // Three pages that film and show each other must fit on two cores.
    'media.navigator.video.default_fps': 10,
    'media.autoplay.default': 0,
    'media.autoplay.blocking_policy': 0,
    // Candidates with plain addresses, loopback among them: tests need no multicast and no network.
    'media.peerconnection.ice.loopback': true,
    'media.peerconnection.ice.obfuscate_host_addresses': false,
    'network.proxy.type': 0,
    // A page that asks for a file is answered by the test, not by a dialog.
    'remote.bidi.dismiss_file_pickers.enabled': true,
    // Nothing but the tests' own servers is asked for anything.
    'services.settings.server': 'data:,#remote-settings-dummy/v1',
    'network.captive-portal-service.enabled': false,
    'dom.push.connection.enabled': false,
    'browser.region.update.enabled': false,
    'extensions.systemAddon.update.enabled': false,
    'network.trr.mode': 5,
  },
}
