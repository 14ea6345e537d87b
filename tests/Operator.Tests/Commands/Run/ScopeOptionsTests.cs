using System.CommandLine;
using GpuStack.Operator.Commands;
using GpuStack.Operator.Commands.Run;
using GpuStack.Operator.Hosting;

namespace GpuStack.Operator.Tests.Commands.Run;

public sealed class ScopeOptionsTests
{
    [Theory]
    [InlineData("", "", FleetPods.Cluster)]
    [InlineData("--fleet-pods Cluster", "", FleetPods.Cluster)]
    [InlineData("--namespace a", "a", FleetPods.Namespaces)]
    [InlineData("-n a --namespace=b -n a", "a b", FleetPods.Namespaces)]
    [InlineData("--namespace a --fleet-pods cluster", "a", FleetPods.Cluster)]
    [InlineData("--namespace a --fleet-pods Namespaces", "a", FleetPods.Namespaces)]
    public void Apply_GivesTheNamespaces_AndWhosePodsCount(string line, string namespaces, FleetPods fleetPods)
    {
        var settings = Apply(line);

        Assert.Equal((namespaces, fleetPods), (string.Join(' ', settings.Namespaces), settings.FleetPods));
    }

    [Theory]
    [InlineData("--namespace a,b", "--namespace: 'a,b' is no name of a namespace")]
    [InlineData("--namespace Team", "--namespace: 'Team' is no name of a namespace")]
    [InlineData("--fleet-pods Namespaces", "--fleet-pods Namespaces is given without --namespace")]
    public void Apply_WhatCannotBe_IsRefused(string line, string expected)
    {
        var failure = Assert.Throws<InputException>(() => Apply(line));

        Assert.StartsWith(expected, failure.Message, StringComparison.Ordinal);
    }

    private static OperatorSettings Apply(string line)
    {
        var options = new ScopeOptions();
        var command = new Command("run");
        options.AddTo(command);
        var result = command.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Empty(result.Errors);
        return options.Apply(result, new OperatorSettings());
    }
}
