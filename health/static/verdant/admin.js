// The admin wears the theme that was chosen in the product; its own memory of one follows before it is read.
{
  const found = document.cookie.match(/(?:^|; )theme=(light|dark)/)
  localStorage.setItem("adminTheme", JSON.stringify(found ? found[1] : "auto"))
}
