// The libraries under one name.
import { Fragment, h, render } from "../vendor/preact.js";
import { useEffect, useErrorBoundary, useId, useLayoutEffect, useMemo, useRef, useState } from "../vendor/preact-hooks.js";
import { batch, computed, effect, signal, untracked, useComputed, useSignal } from "../vendor/signals.js";
import htm from "../vendor/htm.js";

// Texts in a template become text nodes, never markup.
export const html = htm.bind(h);
export {
  batch, computed, effect, Fragment, render, signal, untracked,
  useComputed, useEffect, useErrorBoundary, useId, useLayoutEffect, useMemo, useRef, useSignal, useState,
};
