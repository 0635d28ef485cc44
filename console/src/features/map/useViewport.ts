import { type KeyboardEvent, type PointerEvent, useCallback, useEffect, useRef, useState } from "react";
import { besidePanel, fitInto, isWhole, type Size, type Viewport, zoomAt } from "./geometry";

const STEP = 60;
const FACTOR = 1.25;

// Pan and zoom of a drawing in an element: drag, wheel, pinch (as the browser reports it) and keys.
export function useViewport(content: Size, isPanelOpen: boolean) {
  const element = useRef<HTMLDivElement>(null);
  const drag = useRef<{ x: number; y: number; moved: boolean } | undefined>(undefined);
  const [room, setRoom] = useState<Size>({ width: 0, height: 0 });
  const free = isPanelOpen ? besidePanel(room) : room;
  // Unset: everything is shown, also after the window changes its size.
  const [chosen, setChosen] = useState<Viewport>();
  const viewport = chosen ?? fitInto(content, free);
  const latest = useRef(viewport);
  latest.current = viewport;

  const zoom = useCallback((factor: number, at?: { x: number; y: number }) => {
    const box = element.current;
    const middle = { x: (box?.clientWidth ?? 0) / 2, y: (box?.clientHeight ?? 0) / 2 };
    setChosen(zoomAt(latest.current, factor, at ?? middle));
  }, []);

  const pan = useCallback((x: number, y: number) => {
    setChosen({ ...latest.current, x: latest.current.x + x, y: latest.current.y + y });
  }, []);

  useEffect(() => {
    const box = element.current;
    if (!box) return;
    const observer = new ResizeObserver(() => setRoom({ width: box.clientWidth, height: box.clientHeight }));
    observer.observe(box);
    // React's wheel listener is passive and could not keep the page from zooming.
    const wheel = (event: WheelEvent) => {
      event.preventDefault();
      const frame = box.getBoundingClientRect();
      if (event.ctrlKey || event.metaKey) {
        zoom(Math.exp(-event.deltaY / 200), { x: event.clientX - frame.left, y: event.clientY - frame.top });
      } else {
        pan(-event.deltaX, -event.deltaY);
      }
    };
    box.addEventListener("wheel", wheel, { passive: false });
    return () => {
      observer.disconnect();
      box.removeEventListener("wheel", wheel);
    };
  }, [pan, zoom]);

  const handlers = {
    onPointerDown: (event: PointerEvent) => {
      if (event.button === 0) drag.current = { x: event.clientX, y: event.clientY, moved: false };
    },
    onPointerMove: (event: PointerEvent) => {
      const from = drag.current;
      if (!from || event.buttons === 0) return;
      const [x, y] = [event.clientX - from.x, event.clientY - from.y];
      if (!from.moved && Math.abs(x) + Math.abs(y) < 4) return;
      drag.current = { x: event.clientX, y: event.clientY, moved: true };
      pan(x, y);
    },
    onPointerUp: () => {
      // A click follows at once; it must not select what the drag ended on.
      setTimeout(() => {
        drag.current = undefined;
      });
    },
    onKeyDown: (event: KeyboardEvent) => {
      const moves: Record<string, [number, number]> = {
        ArrowLeft: [STEP, 0],
        ArrowRight: [-STEP, 0],
        ArrowUp: [0, STEP],
        ArrowDown: [0, -STEP],
      };
      const move = moves[event.key];
      if (move) pan(...move);
      else if (event.key === "+" || event.key === "=") zoom(FACTOR);
      else if (event.key === "-") zoom(1 / FACTOR);
      else if (event.key === "0") setChosen(undefined);
      else return;
      event.preventDefault();
    },
  };

  return {
    element,
    viewport,
    handlers,
    wasDragged: () => drag.current?.moved === true,
    zoomIn: () => zoom(FACTOR),
    zoomOut: () => zoom(1 / FACTOR),
    showAll: () => setChosen(undefined),
    moveTo: setChosen,
    free,
    isWhole: chosen === undefined && isWhole(content, viewport, free),
  };
}
