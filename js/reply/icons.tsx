/** The icons of the view, drawn on a 16 × 16 grid in the colour of the text around them. */

import type { ComponentChildren } from "preact";

export function Icon({ children }: { children: ComponentChildren }) {
  return (
    <svg class="nbs-icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      {children}
    </svg>
  );
}

export const StopIcon = () => (
  <Icon>
    <rect x="4" y="4" width="8" height="8" rx="1" fill="currentColor" stroke="none" />
  </Icon>
);

export const ShadingIcon = () => (
  <Icon>
    <rect x="2.5" y="4" width="4" height="8" fill="currentColor" stroke="none" opacity="0.9" />
    <rect x="6.5" y="4" width="4" height="8" fill="currentColor" stroke="none" opacity="0.55" />
    <rect x="10.5" y="4" width="3" height="8" fill="currentColor" stroke="none" opacity="0.25" />
  </Icon>
);

export const CopyIcon = () => (
  <Icon>
    <rect x="5.5" y="5.5" width="8" height="8" rx="1.5" />
    <path d="M10.5 3.5v-.5a.5.5 0 0 0-.5-.5H3a.5.5 0 0 0-.5.5v7a.5.5 0 0 0 .5.5h.5" />
  </Icon>
);

export const ThumbIcon = ({ down }: { down: boolean }) => (
  <Icon>
    <path
      transform={down ? "rotate(180 8 8)" : undefined}
      d="M5 7 7.5 2c1 0 1.7.8 1.5 1.8L8.6 6.3h3.6c.9 0 1.5.8 1.3 1.6l-1.1 4.4c-.2.7-.8 1.2-1.5 1.2H5M5 7v6.5M5 7H2.7v6.5H5"
    />
  </Icon>
);

export const CheckIcon = () => (
  <Icon>
    <path d="M3 8.5 6.5 12 13 4.5" />
  </Icon>
);

export const SourceIcon = () => (
  <Icon>
    <path d="M5.5 4.5 2 8l3.5 3.5M10.5 4.5 14 8l-3.5 3.5" />
  </Icon>
);

export const InspectIcon = () => (
  <Icon>
    <path d="M2 13.5V9.5M5 13.5V4.5M8 13.5V7M11 13.5V2.5M14 13.5V8.5" />
  </Icon>
);

export const WarningIcon = () => (
  <Icon>
    <path d="M8 2.5 14.5 13.5H1.5ZM8 6.5v3.5M8 11.9v.1" />
  </Icon>
);

export const PreviousIcon = () => (
  <Icon>
    <path d="M10 3.5 5.5 8l4.5 4.5" />
  </Icon>
);

export const NextIcon = () => (
  <Icon>
    <path d="M6 3.5 10.5 8 6 12.5" />
  </Icon>
);

export const ToolIcon = () => (
  <Icon>
    <path d="M13.4 4.6 11 7 9 5l2.4-2.4a3.2 3.2 0 0 0-4.3 4L2.5 11.2a1.6 1.6 0 0 0 2.3 2.3l4.6-4.6a3.2 3.2 0 0 0 4-4.3Z" />
  </Icon>
);
