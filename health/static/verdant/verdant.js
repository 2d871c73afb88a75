// What every page can do: theme switch, menus that close, toasts that go, keys.

const all = selector => [...document.querySelectorAll(selector)]
const shown = element => element.checkVisibility()

function markTheme () {
  all("[data-theme-choice]").forEach(button => {
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === window.theme.choice()))
  })
}

function closeMenus (except) {
  all("details.menu[open]").filter(menu => menu !== except).forEach(menu => { menu.open = false })
}

document.addEventListener("click", event => {
  const choice = event.target.closest("[data-theme-choice]")
  if (choice) {
    window.theme.choose(choice.dataset.themeChoice)
    markTheme()
  }
  const close = event.target.closest("[data-close]")
  if (close) close.closest(".toast-line").remove()
  const menu = event.target.closest("details.menu")
  // What asks in a dialog closes its menu; focus comes back to where that opens.
  const asks = event.target.closest(".menu-panel [hx-target='#dialog']")
  if (asks) menu.querySelector("summary").focus()
  closeMenus(asks ? null : menu)
})

function move (step) {
  const rows = all(".opens .name").filter(shown)
  const at = rows.findIndex(row => row.closest(".opens").contains(document.activeElement))
  const next = rows[Math.min(rows.length - 1, Math.max(0, at + step))]
  if (next) next.focus()
  else document.querySelector(step > 0 ? "a[rel=next]" : "a[rel=prev]")?.click()
}

const keys = {
  "/": () => (all("[data-find]").find(shown) ?? document.querySelector(".find-link"))?.focus(),
  j: () => move(1),
  k: () => move(-1)
}

document.addEventListener("keydown", event => {
  if (event.key === "Escape") {
    const menu = document.querySelector("details.menu[open]")
    closeMenus()
    if (menu) menu.querySelector("summary").focus()
    if (document.activeElement.matches("[data-find]")) document.activeElement.blur()
    return
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input:not([type=checkbox]), textarea, select")) return
  if (event.key in keys) {
    event.preventDefault()
    keys[event.key]()
  }
})

// Where tabs do not fit, the chosen one is in sight.
all(".tabs [aria-current]").forEach(tab => tab.scrollIntoView({ block: "nearest", inline: "nearest" }))

all("[data-theme-switch]").forEach(element => { element.hidden = false })
markTheme()
setTimeout(() => all(".toast-line:not([role=alert])").forEach(toast => toast.remove()), 10000)

// A page that is one form begins in it, but for a touch it would open the keyboard unasked.
const begin = document.querySelector("[data-focus-first]")
if (begin && matchMedia("(pointer: fine)").matches) {
  begin.querySelector(".is-invalid, input:not([type=hidden]), textarea, select")?.focus()
}
