return await Platform.Hosting.Verbs.RunAsync(args, Registry.Service.RegistryHost.Target);
