import { type ReactNode, useState } from "react";
import { Icon } from "./Icon";

export interface Column<Row> {
  title: string;
  // What the column is sorted by.
  value: (row: Row) => string | number;
  // What is shown; the value itself when left out.
  show?: (row: Row) => ReactNode;
  numeric?: boolean;
}

interface Props<Row> {
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  selected: string | undefined;
  onSelect: (key: string) => void;
}

function compare(left: string | number, right: string | number): number {
  if (typeof left === "number" && typeof right === "number") return left - right;
  return String(left).localeCompare(String(right), "en");
}

export function SortableTable<Row>({ caption, columns, rows, keyOf, selected, onSelect }: Props<Row>) {
  const [order, setOrder] = useState({ column: 0, descending: false });
  const by = columns[order.column];
  const sorted = by
    ? rows.toSorted((left, right) => compare(by.value(left), by.value(right)) * (order.descending ? -1 : 1))
    : rows;
  const sortBy = (column: number) =>
    setOrder((now) => ({
      column,
      descending: now.column === column ? !now.descending : columns[column]?.numeric === true,
    }));
  return (
    <table className="table">
      <caption>{caption}</caption>
      <thead>
        <tr>
          {columns.map((column, index) => (
            <th
              key={column.title}
              scope="col"
              aria-sort={order.column === index ? (order.descending ? "descending" : "ascending") : "none"}
              className={column.numeric ? "numeric" : ""}
            >
              <button type="button" onClick={() => sortBy(index)}>
                {column.title}
                {order.column === index && <Icon name={order.descending ? "down" : "up"} />}
              </button>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {sorted.map((row) => {
          const key = keyOf(row);
          return (
            <tr key={key} className={key === selected ? "selected" : ""}>
              {columns.map((column, index) => (
                <td key={column.title} className={column.numeric ? "numeric" : ""}>
                  {index === 0 ? (
                    <button type="button" className="row-button" onClick={() => onSelect(key)}>
                      {column.show?.(row) ?? column.value(row)}
                    </button>
                  ) : (
                    (column.show?.(row) ?? column.value(row))
                  )}
                </td>
              ))}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
