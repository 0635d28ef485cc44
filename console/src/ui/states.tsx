// What a page shows while it has nothing to show.
import { RequestError } from "../api/client";
import { strings } from "../text/strings";
import { Icon } from "./Icon";

export function LoadingState({ label }: { label: string }) {
  return (
    <div className="state" role="status">
      <div className="pulse" aria-hidden="true">
        <i />
        <i />
        <i />
      </div>
      <p className="text-muted">{label}</p>
    </div>
  );
}

export function EmptyState() {
  return (
    <div className="state">
      <h2>{strings.empty.title}</h2>
      <p>{strings.empty.text}</p>
      <code className="command">{strings.empty.command}</code>
    </div>
  );
}

interface FailedProps {
  error: Error;
  onRetry: () => void;
}

export function FailedState({ error, onRetry }: FailedProps) {
  const problem = error instanceof RequestError ? error.problem : undefined;
  const denied = error instanceof RequestError && error.status === 403;
  return (
    <div className="state" role="alert">
      <span className="state-sign">
        <Icon name="alert" />
      </span>
      <h2>{denied ? strings.denied.title : strings.failed.title}</h2>
      <p>{error.message}</p>
      {problem && (
        <p>
          {strings.failed.next}: <code>{problem.next}</code>
        </p>
      )}
      {!denied && (
        <button type="button" className="button" onClick={onRetry}>
          {strings.failed.retry}
        </button>
      )}
    </div>
  );
}
