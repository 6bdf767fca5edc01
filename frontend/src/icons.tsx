const Icon = ({ path, class: name }: { path: string; class?: string }) => (
  <svg class={name} viewBox="0 0 24 24" aria-hidden="true">
    <path d={path} />
  </svg>
);

export const ChatIcon = () => (
  <Icon path="M12 4c4.7 0 8.5 3 8.5 7s-3.8 7-8.5 7c-1 0-2-.1-2.9-.4L4.5 20l1.2-3.900c-1.4-1.3-2.2-3.1-2.2-5.1 0-4 3.8-7 8.5-7zM8.5 11h.01M12 11h.01M15.5 11h.01" />
);
export const CloseIcon = () => <Icon path="M6 9.500l6 6 6-6" />;
export const SendIcon = () => <Icon class="flip" path="M5 12h13M12.5 6l6 6-6 6" />;
export const DownIcon = () => <Icon path="M12 5v13M6 12.500l6 6 6-6" />;
export const PersonIcon = () => (
  <Icon path="M12 11.500a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM5 19.500c.6-3.5 3.5-5.5 7-5.500s6.4 2 7 5.5" />
);
export const BookIcon = () => (
  <Icon path="M12 6.500c-2-1.3-4.5-1.7-7.5-1.500v13c3-.2 5.5.2 7.5 1.5 2-1.3 4.5-1.7 7.5-1.500V5c-3-.2-5.5.2-7.5 1.500zm0 0v13" />
);
export const ClipIcon = () => (
  <Icon path="M8 12.500l5.800-5.800a2.6 2.6 0 0 1 3.700 3.700l-7.600 7.600a4.400 4.400 0 0 1-6.200-6.200l7.300-7.300" />
);
export const LinkIcon = () => (
  <Icon path="M10.500 13.500l3-3M9 11l-2.500 2.500a3.200 3.200 0 0 0 4.500 4.500l2.500-2.500M10.500 8.500L13 6a3.200 3.200 0 0 1 4.500 4.500L15 13" />
);
export const CrossIcon = () => <Icon path="M7 7l10 10M17 7L7 17" />;
export const PageIcon = () => <Icon path="M7 4h7l4 4v12H7zM14 4v4h4" />;
