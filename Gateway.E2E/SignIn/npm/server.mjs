// Two OpenID Connect providers for the sign-in tests, each with people and groups of its own. OidcServers.cs starts it with the
// console's address; it writes one line of JSON with their issuers, and ends with its standard input.
import { createServer } from "node:http";
import { Provider } from "oidc-provider";

const gateway = process.argv[2];
const people = {
  acme: { ada: ["admins"], carl: ["staff"] },
  globex: { bob: ["readers"], eve: ["strangers"] },
};

async function start(name) {
  const groups = people[name];
  // The issuer holds the port, which is known once somebody listens on it.
  let answer;
  const server = createServer((request, response) => answer(request, response));
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{
      client_id: "console",
      client_secret: "the-secret",
      redirect_uris: [`${gateway}/signin-oidc/${name}`],
      post_logout_redirect_uris: [`${gateway}/signout-callback-oidc/${name}`],
    }],
    scopes: ["openid", "email", "profile", "groups"],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"], groups: ["groups"] },
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    // Cookies know no ports: without names of their own the two would take each other's.
    cookies: { keys: [name], names: { session: `_session_${name}`, interaction: `_interaction_${name}`, resume: `_resume_${name}` } },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, name: id, email: `${id}@${name}.example`, email_verified: true, groups: groups[id] ?? [] }),
    }),
  });
  answer = provider.callback();
  return issuer;
}

const [acme, globex] = await Promise.all([start("acme"), start("globex")]);
process.stdout.write(`${JSON.stringify({ acme, globex })}\n`);
process.stdin.resume().on("end", () => process.exit(0));
