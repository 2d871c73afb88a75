// Walking through what was found by arrow keys.

const hitsOf = input => [...(document.querySelector(input.getAttribute("hx-target"))?.querySelectorAll(".found-hit") ?? [])]

function inputOf (hit) {
  const found = hit.closest(".found")
  return document.querySelector(`[data-search][hx-target="#${found.id}"]`)
}

function close (input) {
  const found = document.querySelector(input.getAttribute("hx-target"))
  if (found.matches(".found-float")) found.replaceChildren()
}

document.addEventListener("keydown", event => {
  const hit = event.target.closest(".found-hit")
  const input = hit ? inputOf(hit) : event.target.closest("[data-search]")
  if (!input) return
  if (event.key === "Escape") {
    close(input)
    input.focus()
    return
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  if (!step) return
  event.preventDefault()
  const hits = hitsOf(input)
  const next = hit ? hits.indexOf(hit) + step : step > 0 ? 0 : hits.length - 1
  ;(hits[next] ?? (next < 0 ? input : hit))?.focus()
})

document.addEventListener("focusin", event => {
  const open = document.querySelector(".found-float:not(:empty)")
  if (open && !open.parentElement.contains(event.target)) open.replaceChildren()
})

document.addEventListener("click", event => {
  const open = document.querySelector(".found-float:not(:empty)")
  if (open && !open.parentElement.contains(event.target)) open.replaceChildren()
})
