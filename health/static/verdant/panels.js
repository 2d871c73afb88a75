// Panels that are set one by one; what the address says of the others goes along.

document.addEventListener("htmx:configRequest", event => {
  if (!event.target.closest("[data-panel]")) return
  const own = new URL(event.detail.path, location).searchParams
  for (const [name, value] of new URLSearchParams(location.search)) {
    if (!own.has(name)) event.detail.parameters[name] = value
  }
})

document.addEventListener("htmx:afterSwap", event => {
  const panel = document.getElementById(event.detail.target.id)
  const heading = panel?.matches("[data-panel], :has(> [data-panel])") && panel.querySelector("h2")
  if (heading) document.getElementById("said").textContent = `${heading.textContent} changed.`
})

// Paper unfolds nothing: what is folded is open while a page is printed.
const folded = "details:not(.menu):not([open])"

addEventListener("beforeprint", () => {
  for (const one of document.querySelectorAll(folded)) one.open = one.dataset.printing = true
})

addEventListener("afterprint", () => {
  for (const one of document.querySelectorAll("details[data-printing]")) {
    one.open = false
    delete one.dataset.printing
  }
})
