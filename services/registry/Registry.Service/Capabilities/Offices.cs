namespace Registry.Service.Capabilities;

/// <summary>What offices write to each other and count of each other. Each capability has its own file.</summary>
internal static class Offices
{
    public static void MapOffices(this IEndpointRouteBuilder api)
    {
        api.MapPapers();
        api.MapOfficeReports();
        api.MapDepartmentReturns();
        api.MapCertificateReviews();
        api.MapRights();
        api.MapManagementModes();
        api.MapCarriers();
        api.MapOccupations();
        api.MapProblemCases();
    }
}
