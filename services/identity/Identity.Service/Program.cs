return args.FirstOrDefault() == "identity-accounts"
    ? await Identity.Service.IdentityHost.FoundAsync(args[1..])
    : await Platform.Hosting.Verbs.RunAsync(args, Identity.Service.IdentityHost.Target);
