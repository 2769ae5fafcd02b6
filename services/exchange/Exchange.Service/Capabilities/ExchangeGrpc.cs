using Exchange.Service.Trust;
using Grpc.Core;
using Platform.Hosting;
using V1 = Platform.Contracts.Exchange.V1;

namespace Exchange.Service.Capabilities;

/// <summary>The border post on the wire inside the node: for sibling services only.</summary>
public sealed class ExchangeGrpc(
    SendMessages send, ReadArrivals arrivals, SettleArrival settle, NodeDirectory directory, NodeIdentity node,
    MessageOutcomes outcomes)
    : V1.ExchangeService.ExchangeServiceBase
{
    public override async Task<V1.SendReply> Send(V1.SendRequest request, ServerCallContext context) =>
        new() { Results = { await send.RunAsync(request.Items, context.CancellationToken) } };

    public override Task Arrivals(
        V1.ArrivalsRequest request, IServerStreamWriter<V1.Arrival> responseStream, ServerCallContext context) =>
        arrivals.RunAsync(request, responseStream, context.CancellationToken);

    public override async Task<V1.SettleReply> Settle(V1.SettleRequest request, ServerCallContext context)
    {
        await settle.RunAsync(request, context.CancellationToken);
        return new();
    }

    public override async Task<V1.OutcomesReply> Outcomes(V1.OutcomesRequest request, ServerCallContext context) =>
        new() { Outcomes = { await outcomes.RunAsync(request.MessageIds, context.CancellationToken) } };

    public override Task<V1.ResolveReply> Resolve(V1.ResolveRequest request, ServerCallContext context)
    {
        var found = directory.Bundle.Resolve(request.Region)
            ?? throw new ProblemException(ExchangeProblems.RegionUnknown(request.Region));
        return Task.FromResult(
            new V1.ResolveReply { Node = found.Path, Name = found.Name, Local = found.Path == node.Path });
    }
}
