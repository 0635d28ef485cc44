import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { company } from "../../test/company";
import { MapTable } from "./MapTable";
import { indexMap } from "./model";

function show(hidden = new Set<"observed" | "undeclared" | "unused">(), found?: Set<string>) {
  const onSelect = vi.fn();
  const index = indexMap(company());
  render(
    <MapTable
      index={index}
      selected={undefined}
      found={found}
      hidden={hidden}
      now={Date.parse(index.map.at)}
      isPanelOpen={false}
      onSelect={onSelect}
    />,
  );
  return onSelect;
}

const streams = () => screen.getByRole("table", { name: "Streams" });
const firstCells = () =>
  within(streams())
    .getAllByRole("row")
    .slice(1)
    .map((row) => within(row).getAllByRole("cell")[2]?.textContent);

test("the table shows every edge of the map with its mark", () => {
  show();
  expect(within(streams()).getAllByRole("row")).toHaveLength(4);
  expect(within(streams()).getByText("Undeclared")).toBeInTheDocument();
  expect(within(streams()).getByText("Never used")).toBeInTheDocument();
});

test("a column sorts when its title is pressed, numbers with the largest first", async () => {
  show();
  await userEvent.click(within(streams()).getByRole("button", { name: "Bytes" }));
  expect(firstCells()).toEqual(["stores.sales", "ghost", "scoring"]);
  await userEvent.click(within(streams()).getByRole("button", { name: "Bytes" }));
  expect(firstCells()).toEqual(["scoring", "ghost", "stores.sales"]);
  expect(within(streams()).getByRole("columnheader", { name: "Bytes" })).toHaveAttribute("aria-sort", "ascending");
});

test("hidden marks and what is not searched for are left out", () => {
  show(new Set(["undeclared"]), new Set(["application:scoring"]));
  expect(firstCells()).toEqual(["scoring"]);
});

test("pressing a row's name selects it", async () => {
  const onSelect = show();
  await userEvent.click(within(streams()).getByRole("button", { name: "till" }));
  expect(onSelect).toHaveBeenCalledWith("write:till>stores.sales");
});
