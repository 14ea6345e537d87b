using System.Collections.Concurrent;
using System.Net;

namespace GpuStack.Simulator.ApiServer.Admission;

/// <summary>
/// Where the Services of webhooks lead to: no process runs in a simulated pod, so whoever serves a webhook on this machine says
/// on which port.
/// </summary>
public sealed class ServiceEndpoints
{
    private readonly ConcurrentDictionary<(string Namespace, string Name), IPEndPoint[]> _endpoints = new();

    /// <summary>Makes a Service lead to ports of the loopback interface, one after the other; without ports it has no endpoints.</summary>
    public void Set(string namespaceName, string name, params int[] ports) =>
        _endpoints[(namespaceName, name)] = [.. ports.Select(port => new IPEndPoint(IPAddress.Loopback, port))];

    internal IReadOnlyList<IPEndPoint> Find(string namespaceName, string name) => _endpoints.GetValueOrDefault((namespaceName, name), []);
}
