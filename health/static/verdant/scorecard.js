// Beside the fields of a measure or guard stands what its metric is typed in, and what is usual where they are blank.
document.addEventListener("change", event => {
  if (event.target.matches("select[data-metric]")) hint(event.target)
})

document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("select[data-metric]").forEach(hint))

function hint (select) {
  const row = select.closest(".form-group")
  const { unit, about, window, edges } = JSON.parse(document.getElementById("metrics").textContent)[select.value] || {}
  for (const shown of row.querySelectorAll("[data-unit]")) shown.textContent = unit || "the metric’s unit"
  for (const [at, input] of row.querySelectorAll("[data-edge]").entries()) {
    input.placeholder = edges?.[Math.floor(at / 2)]?.[at % 2] ?? ""
  }
  // A metric that looks back over no days, or cannot be asked about one thing, has no field for that.
  offer(row.querySelector("[name$=-window]"), window)
  offer(row.querySelector("[name$=-about]"), about)
  row.querySelector("[name$=-window]").placeholder = window ?? ""
}

function offer (input, takes) {
  input.closest(".field-line").hidden = !takes && !input.value
}
