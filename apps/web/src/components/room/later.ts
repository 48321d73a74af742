export { FileCard } from './file-card'
export { QualityPanel } from './quality-panel'
export { SearchBar } from './search-bar'
export { Stage } from './stage'
