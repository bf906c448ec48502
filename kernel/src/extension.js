// Carries what a person selects on a picture to the kernel of its notebook, in JupyterLab and Jupyter Notebook.
//
// A picture asks by the event `genolens:selection`: `detail.map` names the map, `detail.polygon` holds the corners drawn, and
// `detail.answer` is told nothing when the kernel has them, else why not. Who takes the event prevents its default.
var _JUPYTERLAB;
(function (labs) {
  "use strict";
  var TARGET = "genolens.selection", PATIENCE = 5000;

  function kernelOf(app, node) {
    var areas = ["main", "right", "left", "down"];
    for (var i = 0; i < areas.length; i++) {
      var widgets = [];
      try { widgets = Array.from(app.shell.widgets(areas[i])); } catch (unknown) { /* not every shell has every area */ }
      var widget = widgets.find(function (one) { return one.sessionContext && one.node && one.node.contains(node); });
      if (widget) return (widget.sessionContext.session && widget.sessionContext.session.kernel) || null;
    }
    return null;
  }

  function send(kernel, detail) {
    var done = false;
    function answer(why) {
      if (done) return;
      done = true;
      detail.answer(why);
    }
    setTimeout(function () { answer("the kernel does not answer"); }, PATIENCE);
    kernel.info.then(function (info) {
      if (info.implementation !== "genolens") return answer("the kernel is not genolens");
      var comm = kernel.createComm(TARGET);
      comm.onClose = function (message) { answer(message.content.data.reason); };
      comm.open({ map: detail.map, polygon: detail.polygon });
    }).catch(function (error) { answer(String(error && error.message || error)); });
  }

  function activate(app) {
    document.addEventListener("genolens:selection", function (event) {
      var kernel = event.detail && kernelOf(app, event.target);
      if (!kernel || !kernel.handleComms) return;
      event.preventDefault();
      send(kernel, event.detail);
    });
  }

  var plugin = { id: "genolens:selection", description: "Sends selections on pictures to the kernel.", autoStart: true, activate: activate };
  labs.genolens = {
    init: function () {},
    get: function () { return Promise.resolve(function () { return { __esModule: true, default: plugin }; }); }
  };
})(_JUPYTERLAB = _JUPYTERLAB || {});
