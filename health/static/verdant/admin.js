// The admin wears the theme that was chosen in the product; its own memory of one follows before it is read.
{
  const found = document.cookie.match(/(?:^|; )theme=(light|dark)/)
  localStorage.setItem("adminTheme", JSON.stringify(found ? found[1] : "auto"))
}

// On a phone each line of a card has the head of its column before it: like a head, it begins with a capital.
document.addEventListener("DOMContentLoaded", () => {
  for (const cell of document.querySelectorAll("[data-label]")) {
    cell.dataset.label = cell.dataset.label.trim().replace(/^./, letter => letter.toUpperCase())
  }
})

// What scrolls by itself is a landmark: the menu and a list are told apart by name, before simplebar names both alike.
document.addEventListener("DOMContentLoaded", () => {
  for (const [number, scrolls] of document.querySelectorAll("[data-simplebar]").entries()) {
    scrolls.dataset.simplebarAriaLabel = scrolls.id === "nav-sidebar-apps" ? "Menu" : `Table ${number}`
  }
})
