return await Platform.Hosting.Verbs.RunAsync(args, Gateway.GatewayHost.Target);
