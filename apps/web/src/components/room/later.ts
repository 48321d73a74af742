export { FileLine } from './file-line'
export { QuestionBar } from './question-bar'
export { SearchBar } from './search-bar'
export { Stage } from './stage'
