// What a word means: on hover, on focus, and on the first touch; the second follows the link. Readers know it from the
// word's own description, so the bubble is for the eye.

const says = document.getElementById("term-says")
const termOf = event => event.target.closest?.(".term[aria-description]")
let shown = null
let touched = null
let leaving = 0

function place () {
  const box = shown.getBoundingClientRect()
  const left = Math.max(8, Math.min(box.left, window.innerWidth - says.offsetWidth - 8))
  // Above its word where there is room: what the word is about stands below it.
  const above = box.top - 6 - says.offsetHeight
  says.style.left = `${left}px`
  says.style.top = `${above > 0 ? above : box.bottom + 6}px`
}

function show (term) {
  clearTimeout(leaving)
  says.textContent = term.getAttribute("aria-description")
  says.showPopover()
  shown = term
  place()
}

function hide () {
  clearTimeout(leaving)
  shown = touched = null
  if (says.matches(":popover-open")) says.hidePopover()
}

// The pointer may go over to the bubble, to read it or to copy from it.
function leave () {
  clearTimeout(leaving)
  leaving = setTimeout(hide, 150)
}

if (says) {
  document.addEventListener("pointerover", event => {
    if (event.pointerType !== "mouse") return
    const term = termOf(event)
    if (term) show(term)
    else if (says.contains(event.target)) clearTimeout(leaving)
    else if (shown && shown !== document.activeElement) leave()
  })
  document.addEventListener("focusin", event => {
    const term = termOf(event)
    if (term) show(term)
    else hide()
  })
  document.addEventListener("focusout", event => { if (termOf(event)) leave() })
  document.addEventListener("pointerdown", event => {
    if (event.pointerType === "mouse") return
    const term = termOf(event)
    if (!term) hide()
  })
  document.addEventListener("click", event => {
    const term = termOf(event)
    if (!term) return
    const again = touched === term
    if (event.pointerType === "touch" && !again && !term.matches(".sort")) {
      event.preventDefault()
      show(term)
      touched = term
    } else hide()
  })
  document.addEventListener("keydown", event => { if (event.key === "Escape") hide() })
  window.addEventListener("scroll", () => { if (shown) place() }, { capture: true, passive: true })
}
