import { Icon, type IconName } from "./Icon";

interface Props {
  label: string;
  icon: IconName;
  onClick: () => void;
}

export function IconButton({ label, icon, onClick }: Props) {
  return (
    <button type="button" className="icon-button" aria-label={label} title={label} onClick={onClick}>
      <Icon name={icon} />
    </button>
  );
}
