using Gateway;
using Platform.Hosting;

// One process, many hosts: each service keeps its own container, bus, database and port, exactly as if it ran alone.
return await Verbs.RunAsync(args, GatewayHost.Target);
