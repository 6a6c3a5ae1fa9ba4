import { GetQueryResultsCommand, type AthenaClient, type GetQueryResultsCommandOutput } from '@aws-sdk/client-athena';

/** A row of a query's result by column; NULL is absent. */
export type QueryRow = Readonly<Record<string, string | undefined>>;

/** Rows of a finished query by column name. */
export async function athenaRows(athena: AthenaClient, queryExecutionId: string): Promise<QueryRow[]> {
  const rows: QueryRow[] = [];
  let columns: string[] | undefined;
  let token: string | undefined;
  do {
    const page: GetQueryResultsCommandOutput = await athena.send(
      new GetQueryResultsCommand({ QueryExecutionId: queryExecutionId, NextToken: token }),
    );
    for (const row of page.ResultSet?.Rows ?? []) {
      const cells = (row.Data ?? []).map(datum => datum.VarCharValue);
      // the first row of the first page is the header
      if (columns === undefined) {
        columns = cells.map(cell => cell ?? '');
      } else {
        rows.push(Object.fromEntries(columns.map((column, index) => [column, cells[index]])));
      }
    }
    token = page.NextToken;
  } while (token !== undefined);
  return rows;
}
