export { FileCard } from './file-card'
export { SearchBar } from './search-bar'
export { Stage } from './stage'
