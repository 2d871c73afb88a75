// Shows the OpenAPI document, and lets operations be tried out with a token.

const docs = document.getElementById("docs")

SwaggerUIBundle({
  domNode: docs,
  url: docs.dataset.schema,
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  deepLinking: true,
  validatorUrl: null
})
