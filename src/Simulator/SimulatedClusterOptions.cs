using GpuStack.Kubernetes.Models;
using GpuStack.Simulator.ApiServer.Admission;
using GpuStack.Simulator.Cluster.Kubelets;

namespace GpuStack.Simulator;

/// <summary>What a simulated cluster is made of.</summary>
public sealed record SimulatedClusterOptions
{
    /// <summary>TCP port of the API server on the loopback interface; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>Serve the API over HTTPS.</summary>
    public bool Https { get; init; }

    /// <summary>Whether roles are evaluated: users other than the kubeconfig's may do what roles allow; otherwise everybody may do everything.</summary>
    public bool EvaluateAccess { get; init; }

    /// <summary>Whether, besides, the rights of owner references are enforced, as OpenShift's clusters do.</summary>
    public bool EnforceOwnerReferences { get; init; }

    /// <summary>The clock of everything in the cluster.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>The nodes at the start.</summary>
    public IReadOnlyList<V1Node> Nodes { get; init; } = [];

    /// <summary>Devices that the nodes offer by dynamic resource allocation at the start.</summary>
    public IReadOnlyList<V1ResourceSlice> ResourceSlices { get; init; } = [];

    /// <summary>Changes kept a resource for watches that start in the past.</summary>
    public int HistoryLength { get; init; } = 8192;

    /// <summary>The folder that the model hub serves; null for no hub.</summary>
    public string? HubDirectory { get; init; }

    /// <summary>How long things take on the nodes.</summary>
    public KubeletBehaviour Kubelets { get; init; } = new();

    /// <summary>Where the Services of admission webhooks lead to.</summary>
    public ServiceEndpoints Services { get; init; } = new();
}
