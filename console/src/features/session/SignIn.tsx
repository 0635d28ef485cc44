import { useMutation } from "@tanstack/react-query";
import { signIn } from "../../api/client";
import { strings } from "../../text/strings";

export function SignIn({ onSignedIn }: { onSignedIn: () => void }) {
  const attempt = useMutation({
    mutationFn: (form: FormData) => signIn(String(form.get("principal")), String(form.get("password"))),
    onSuccess: onSignedIn,
  });
  const text = strings.signIn;
  return (
    <main className="state">
      <form
        className="sign-in"
        onSubmit={(event) => {
          event.preventDefault();
          attempt.mutate(new FormData(event.currentTarget));
        }}
      >
        <img src="/console/myelin.svg" alt="" width={44} height={44} />
        <h1>{text.title}</h1>
        <p className="text-muted text-sm">{text.text}</p>
        <label>
          {text.principal}
          <input name="principal" autoComplete="username" required />
        </label>
        <label>
          {text.password}
          <input name="password" type="password" autoComplete="current-password" required />
        </label>
        {attempt.isError && (
          <p role="alert" className="text-danger text-sm">
            {attempt.error.message}
          </p>
        )}
        <button type="submit" className="button" disabled={attempt.isPending}>
          {text.submit}
        </button>
      </form>
    </main>
  );
}
