export { ColumnType, FeatureColumn, ModelSchema } from './data/model-schema';
export { DataLake, DataLakeAttributes, DataLakeProps, IDataLake } from './data/data-lake';
export { IInferenceLog, InferenceLog, InferenceLogProps } from './data/inference-log';
