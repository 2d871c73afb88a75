// Alerts marked as seen by keyboard: the list is there anew, and whoever works in it goes on at the account where they were.

let at = null

document.addEventListener("htmx:beforeSwap", event => {
  if (event.detail.target.id !== "alerts") return
  const rows = [...document.querySelectorAll(".inbox .name")]
  const here = document.activeElement.closest(".inbox-one")?.querySelector(".name")
  at = here ? { address: here.getAttribute("href"), place: rows.indexOf(here) } : null
})

document.addEventListener("htmx:afterSettle", event => {
  if (event.target.id !== "alerts" || !at || document.activeElement !== document.body) return
  const rows = [...document.querySelectorAll(".inbox .name")]
  const next = rows.find(row => row.getAttribute("href") === at.address) ?? rows[Math.min(at.place, rows.length - 1)]
  if (next) next.focus()
})
