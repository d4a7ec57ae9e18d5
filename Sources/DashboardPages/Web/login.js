import { byId } from "/assets/common.js";

byId("wrong").hidden = !new URLSearchParams(location.search).has("wrong");
