/** Webpack loader that replaces one text of a source file; a text that is not there exactly once is an error. */
module.exports = function plantChange(source) {
  const { from, to } = this.getOptions();
  const parts = source.split(from);
  if (parts.length !== 2) throw new Error(`${JSON.stringify(from)} stands ${parts.length - 1} times in ${this.resourcePath}, not once`);
  return parts.join(to);
};
