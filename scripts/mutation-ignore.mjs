// What is not worth a test: sentences for people, which tests would only hinder, and names for the type checker alone.

/** What is called, as far as it has a name. */
const nameOf = (callee) =>
  callee.type === 'Identifier'
    ? callee.name
    : callee.type === 'MemberExpression' && callee.property.type === 'Identifier'
      ? callee.property.name
      : ''

const ignorer = {
  shouldIgnore(path) {
    const isText = path.isStringLiteral() || path.isTemplateLiteral()
    if (!isText) return undefined
    let { parent, parentPath } = path
    while (parentPath?.isConditionalExpression() === true) ({ parent, parentPath } = parentPath)
    const isSentence = path.isTemplateLiteral() || path.node.value.includes(' ')
    if (parent.type === 'NewExpression' && isSentence && nameOf(parent.callee).endsWith('Error'))
      return 'The sentence of an error.'
    if (parent.type === 'CallExpression' && isSentence && nameOf(parent.callee) === 'check')
      return 'The sentence of a schema, which no error repeats.'
    if (parent.type === 'CallExpression' && nameOf(parent.callee) === 'brand')
      return 'The name of a brand is for the type checker alone.'
    return undefined
  },
}

export const strykerPlugins = [{ kind: 'Ignore', name: 'for-people', value: ignorer }]
