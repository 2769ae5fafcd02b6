using Gateway;
using Platform.Hosting;
using Registry.Service;

// One process, many hosts: each service keeps its own container, bus, database and port, exactly as if it ran alone.
return await Verbs.RunAsync(args, RegistryHost.Target, GatewayHost.Target);
