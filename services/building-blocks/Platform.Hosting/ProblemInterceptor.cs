using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Platform.Hosting;

/// <summary>Turns a problem into a gRPC rich status: one table, used by every service.</summary>
public sealed class ProblemInterceptor : Interceptor
{
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            return await continuation(request, context);
        }
        catch (Exception e) when (ProblemMap.Of(e) is { } problem)
        {
            throw ProblemMap.ToStatus(problem).ToRpcException();
        }
    }
}
