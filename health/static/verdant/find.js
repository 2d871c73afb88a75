// Walking through what was found by arrow keys, and the meaning of a word on hover and on focus.

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

const says = document.getElementById("term-says")

function show (term) {
  says.textContent = term.dataset.says
  says.showPopover()
  const box = term.getBoundingClientRect()
  const left = Math.max(8, Math.min(box.left, window.innerWidth - says.offsetWidth - 8))
  const below = box.bottom + 6 + says.offsetHeight < window.innerHeight
  says.style.left = `${left}px`
  says.style.top = `${below ? box.bottom + 6 : box.top - 6 - says.offsetHeight}px`
  term.setAttribute("aria-describedby", says.id)
}

function hide () {
  if (says?.matches(":popover-open")) says.hidePopover()
}

for (const [begins, ends] of [["mouseover", "mouseout"], ["focusin", "focusout"]]) {
  document.addEventListener(begins, event => {
    const term = event.target.closest?.(".term[data-says]")
    if (term && says) show(term)
  })
  document.addEventListener(ends, event => { if (event.target.closest?.(".term[data-says]")) hide() })
}
document.addEventListener("keydown", event => { if (event.key === "Escape") hide() })
