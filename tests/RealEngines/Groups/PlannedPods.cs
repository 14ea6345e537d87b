using System.Collections.Immutable;
using GpuStack.Entities.Fleets;
using GpuStack.Entities.Manifests;
using GpuStack.Kubernetes.Models;
using GpuStack.Modeling.Gguf;
using GpuStack.Modeling.LlamaCpp;
using GpuStack.Modeling.Sources;
using GpuStack.Operator.Hosting;
using GpuStack.Operator.Objects;
using GpuStack.Operator.Planning;
using GpuStack.Placement.Fleets;
using GpuStack.Placement.Planning;
using GpuStack.Placement.Products;

namespace GpuStack.RealEngines.Groups;

/// <summary>What the operator plans and builds for <c>deployment.yaml</c> on <c>fleet.yaml</c>: two workers and a leader, with uneven layers.</summary>
/// <param name="Plan">The plan.</param>
/// <param name="Endpoints">Where the leader looks for its workers.</param>
/// <param name="Workers">Commands of the workers, in the order of <paramref name="Endpoints"/>.</param>
/// <param name="Leader">The leader's command.</param>
internal sealed record PlannedPods(GroupPlan Plan, ImmutableArray<string> Endpoints, ImmutableArray<PodCommand> Workers, PodCommand Leader)
{
    private static readonly string Folder = Repository.PathOf("tests", "RealEngines", "Groups");

    /// <exception cref="InvalidOperationException">The model does not fit, or the operator built other pods than two workers and a leader.</exception>
    public static async Task<PlannedPods> BuildAsync(string model, CancellationToken cancellationToken)
    {
        var deployment = ModelDeploymentReader.Read(await File.ReadAllTextAsync(Path.Combine(Folder, "deployment.yaml"), cancellationToken), "deployment.yaml");
        var nodes = FleetNodes.Expand(FleetFile.Read(await File.ReadAllTextAsync(Path.Combine(Folder, "fleet.yaml"), cancellationToken)));
        var settings = new OperatorSettings();
        await using var source = FileByteRangeSource.Open(model);
        var facts = LlamaCppModel.FromGguf(await GgufReader.ReadAsync(source, GgufLimits.Default, cancellationToken));
        var request = PlacementRequestMapper.Map(deployment, facts, settings);
        var plan = Planner.Plan(FleetBuilder.Build(nodes.Select(FleetFacts.From), [], ProductTable.Default), request, []);
        if (!plan.Feasible)
            throw new InvalidOperationException(plan.Message);
        var group = new PlannedGroup
        {
            InputHash = SpecHash.PlanningInput(deployment.Spec),
            SourceKey = SpecHash.Source(deployment.Spec),
            Options = ((LlamaCppLaunch)request.Launch).Options,
            Model = facts,
            Plan = plan.Groups[0],
        };
        ImmutableArray<PodCommand> pods =
        [
            .. GroupObjects.Build(deployment, group, settings).OfType<V1StatefulSet>().SelectMany(set => Enumerable.Repeat(
                PodCommand.Of(set.Spec!.Template!.Spec!.Containers!.Single(container => container.Name == EngineContainer.Name)), set.Spec.Replicas ?? 1)),
        ];
        var endpoints = GroupObjects.RpcEndpoints(deployment, group);
        return pods.Length == 3 && endpoints.Length == 2
            ? new PlannedPods(group.Plan, endpoints, pods[..2], pods[2])
            : throw new InvalidOperationException($"The operator built {pods.Length} pods where two workers and a leader were expected.");
    }
}
