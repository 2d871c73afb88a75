// Keys of the list of accounts: F for filters, 1–9 for its views.

const typing = event => event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input:not([type=checkbox]), textarea, select")

document.addEventListener("keydown", event => {
  if (typing(event)) return
  if (event.key === "f") {
    const facets = document.getElementById("facets")
    const button = document.querySelector(".facets-open")
    if (button.checkVisibility()) facets.showPopover({ source: button })
    facets.querySelector("a")?.focus()
    event.preventDefault()
  }
  if (/^[1-9]$/.test(event.key)) document.querySelectorAll(".tabs a")[event.key - 1]?.click()
})

// A sheet of filters stays open while one is chosen after the other; the list behind it follows.
let filtering = false

document.addEventListener("htmx:beforeSwap", event => {
  if (event.detail.target.id === "accounts") filtering = Boolean(document.getElementById("facets")?.matches(":popover-open"))
})

document.addEventListener("htmx:afterSwap", event => {
  if (event.detail.target.id === "accounts" && filtering) document.getElementById("facets")?.showPopover({ source: document.querySelector(".facets-open") })
})
