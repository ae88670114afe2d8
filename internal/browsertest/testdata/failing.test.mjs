import assert from "node:assert/strict";
import { test } from "node:test";

test("this script fails on purpose", () => {
  assert.equal(2, 3, "two is not three");
});
