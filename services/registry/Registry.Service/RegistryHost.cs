using Platform.Contracts.Exchange.V1;
using Platform.Contracts.Registry.V1;
using Platform.Hosting;
using Registry.Service.Bulk;
using Registry.Service.Capabilities;
using Registry.Service.Persistence;

namespace Registry.Service;

/// <summary>Composes the registry (登记). Called by its own Program, by the all-in-one host and by tests.</summary>
public static class RegistryHost
{
    /// <summary>How a process runs this service.</summary>
    public static ServiceTarget Target { get; } =
        new("registry", Build, typeof(RegistryHost).Assembly, HasDatabase: true);

    /// <summary>The whole composition, top to bottom.</summary>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? adjust = null)
    {
        var builder = PlatformHost.CreateBuilder(args, "registry");
        adjust?.Invoke(builder);
        builder.ListenHttp2();
        builder.AddPlatform();
        builder.AddDatabase<RegistryDb>("registry");
        builder.AddBus<RegistryDb>("registry", new BusFacts(
            typeof(MemberWasRegistered), typeof(CaseCardChanged), typeof(OrganisationChanged),
            typeof(MembersWereLoaded), typeof(MembersWereWithdrawn),
            typeof(OrganisationMoved), typeof(MembersRehomed)));
        var node = builder.Configuration.GetSection("Node").Get<NodeOptions>() ?? new();
        builder.Services.AddSingleton(Valid(node));
        builder.Services.AddSingleton(
            Valid(builder.Configuration.GetSection("Registry").Get<RegistryOptions>() ?? new()));
        builder.Services.AddSingleton<Announce>();
        builder.Services.AddScoped<CaseDesk>();
        builder.Services.AddScoped<ApplyArrival>();
        builder.Services.AddScoped<ExportDesk>();
        builder.Services.AddScoped<FigureDesk>();
        builder.Services.AddScoped<ClosingDesk>();
        builder.Services.AddRosterJobs();
        builder.Services.AddScoped<ReorganisationDesk>();
        builder.Services.AddScoped<RecordDesk>();
        builder.Services.AddScoped<SharedDesk>();
        builder.Services.AddSingleton(new ExchangeService.ExchangeServiceClient(
            Sidecar.CreateChannel(builder.Configuration, "exchange")));
        builder.Services.AddHostedService<ExchangeLane>();
        builder.Services.AddHostedService<Arrivals>();
        builder.Services.AddHostedService<QualityWorker>();

        var app = builder.Build();
        app.UsePlatform();
        MapApi(app.MapGroup("/api/v1").AddEndpointFilterFactory(KnownParameters.Only));
        return app;
    }

    private static void MapApi(IEndpointRouteBuilder api)
    {
        api.MapOrganisations();
        api.MapReorganisations();
        api.MapOrganisationHistory();
        api.MapOrganisationViews();
        api.MapAttention();
        api.MapAppointments();
        api.MapFacilities();
        api.MapUnits();
        api.MapParks();
        api.MapJointBuildings();
        api.MapOutposts();
        api.MapFormation();
        api.MapOffices();
        api.MapMembers();
        api.MapSearch();
        api.MapSavedFilters();
        api.MapGetMember();
        api.MapRosters();
        api.MapRosterMappings();
        api.MapOutboundCases();
        api.MapInboundCases();
        api.MapCases();
        api.MapWorkbench();
        api.MapReference();
        api.MapOverview();
        api.MapExports();
        api.MapFigures();
        api.MapClosings();
        api.MapTrail();
        api.MapPeople();
    }

    private static T Valid<T>(T options) where T : class
    {
        System.ComponentModel.DataAnnotations.Validator
            .ValidateObject(options, new(options), validateAllProperties: true);
        return options;
    }
}
