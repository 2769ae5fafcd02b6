using Exchange.Service;
using Gateway;
using Identity.Service;
using Platform.Hosting;
using Registry.Service;

// One process, many hosts: each service keeps its own container, bus, database and port, exactly as if it ran alone.
return args switch
{
    ["exchange-fingerprint", .. var rest] => await ExchangeHost.PrintFingerprintAsync(rest),
    ["identity-accounts", .. var rest] => await IdentityHost.FoundAsync(rest),
    ["verify" or "verify-ledger", .. var files] => await LedgerVerifier.RunAsync(files),
    _ => await Verbs.RunAsync(args, ExchangeHost.Target, RegistryHost.Target, IdentityHost.Target, GatewayHost.Target),
};
