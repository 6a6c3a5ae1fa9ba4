export { ColumnType, FeatureColumn, ModelSchema } from './data/model-schema';
export { IDataLake } from './data/data-lake';
export { IInferenceLog } from './data/inference-log';
