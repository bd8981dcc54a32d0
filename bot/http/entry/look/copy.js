document.querySelectorAll("[data-copy]").forEach(function (button) {
  var field = document.getElementById(button.getAttribute("data-copy"));
  button.hidden = false;
  button.addEventListener("click", function () {
    function done() {
      button.textContent = "已复制";
      setTimeout(function () { button.textContent = "复制"; }, 2000);
    }
    function byHand() {
      field.focus();
      field.setSelectionRange(0, field.value.length);
      if (document.execCommand("copy")) { done(); }
    }
    if (navigator.clipboard && window.isSecureContext) {
      navigator.clipboard.writeText(field.value).then(done, byHand);
    } else {
      byHand();
    }
  });
});
