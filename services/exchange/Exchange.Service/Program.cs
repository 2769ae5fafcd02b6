return args.FirstOrDefault() switch
{
    "exchange-fingerprint" => await Exchange.Service.ExchangeHost.PrintFingerprintAsync(args[1..]),
    "verify-ledger" => await Exchange.Service.LedgerVerifier.RunAsync(args[1..]),
    _ => await Platform.Hosting.Verbs.RunAsync(args, Exchange.Service.ExchangeHost.Target),
};
