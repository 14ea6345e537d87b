using GpuStack.Kubernetes.Controllers;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Permissions;

namespace GpuStack.Operator.Tests.Permissions;

public sealed class RoleRulesTests
{
    [Fact]
    public void Of_SplitsByScope_AndJoinsVerbsOfTheSameResource()
    {
        var rules = RoleRules.Of([typeof(Reader), typeof(Writer)]);

        Assert.Equal(
            ["""fleet "" nodes [] list""", """namespaces "" configmaps [] create,list"""],
            rules.SelectMany(role => role.Value.Select(rule => Text(role.Key, rule))).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Of_NamedObjectsAndPaths_AreRulesOfTheirOwn()
    {
        var rules = RoleRules.Of([typeof(Named), typeof(Scraped)]);

        Assert.Equal(
            ["""metrics-reader ""  [/metrics] get""", """webhook "" secrets [] create""", """webhook "" secrets [a,b] get,patch"""],
            rules.SelectMany(role => role.Value.Select(rule => Text(role.Key, rule))).Order(StringComparer.Ordinal));
        Assert.Contains("resourceNames:\n  - a\n  - b\n  verbs:", RoleYaml.Role(OperatorRoles.All.Single(role => role.Id == OperatorRoles.Webhook), rules[OperatorRoles.Webhook]), StringComparison.Ordinal);
        Assert.EndsWith("rules:\n- nonResourceURLs:\n  - /metrics\n  verbs:\n  - get\n", RoleYaml.Role(OperatorRoles.All.Single(role => role.Id == OperatorRoles.MetricsReader), rules[OperatorRoles.MetricsReader]), StringComparison.Ordinal);
    }

    /// <summary>A rule of named objects must not take others in, nor lose its names to them.</summary>
    [Fact]
    public void RulesThatDifferInNamesAlone_StayApart()
    {
        var yaml = RoleYaml.Role(
            OperatorRoles.All.Single(role => role.Id == OperatorRoles.Webhook),
            [new RoleRule("", "configmaps", [], ["get"]), new RoleRule("", "secrets", ["a"], ["get"]), new RoleRule("", "services", [], ["get"])]);

        Assert.EndsWith(
            "rules:\n- apiGroups:\n  - \"\"\n  resources:\n  - configmaps\n  - services\n  verbs:\n  - get\n"
            + "- apiGroups:\n  - \"\"\n  resources:\n  - secrets\n  resourceNames:\n  - a\n  verbs:\n  - get\n",
            yaml,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(typeof(OfNoRole), "there is no role 'nobody'")]
    [InlineData(typeof(NamedCreation), "cannot allow create")]
    [InlineData(typeof(PathOfNamespace), "paths belong into a role of the cluster")]
    [InlineData(typeof(NodeOfNamespace), "an entity of the cluster cannot be in a role of namespaces")]
    [InlineData(typeof(Nothing), "either entities or paths")]
    [InlineData(typeof(NoVerbs), "names no verbs")]
    public void Of_WhatNoRoleCanHold_IsRefused(Type type, string expected)
    {
        var failure = Assert.Throws<InvalidOperationException>(() => RoleRules.Of([type]));

        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
        Assert.Contains(type.Name, failure.Message, StringComparison.Ordinal);
    }

    private static string Text(string role, RoleRule rule) => $"{role} \"{rule.Group}\" {rule.Resource} [{string.Join(',', rule.Names)}] {string.Join(',', rule.Verbs)}";

    [EntityRbac(typeof(V1ConfigMap), typeof(V1Node), Verbs = RbacVerb.List)]
    private sealed class Reader;

    [EntityRbac(typeof(V1ConfigMap), Verbs = RbacVerb.Create)]
    private sealed class Writer;

    [EntityRbac(typeof(V1Secret), Role = OperatorRoles.Webhook, Verbs = RbacVerb.Create)]
    [EntityRbac(typeof(V1Secret), Role = OperatorRoles.Webhook, ResourceNames = ["b", "a"], Verbs = RbacVerb.Get | RbacVerb.Patch)]
    private sealed class Named;

    [EntityRbac(Role = OperatorRoles.MetricsReader, NonResourceUrls = ["/metrics"], Verbs = RbacVerb.Get)]
    private sealed class Scraped;

    [EntityRbac(typeof(V1Secret), Role = "nobody", Verbs = RbacVerb.Get)]
    private sealed class OfNoRole;

    [EntityRbac(typeof(V1Secret), ResourceNames = ["a"], Verbs = RbacVerb.Create)]
    private sealed class NamedCreation;

    [EntityRbac(Role = OperatorRoles.Webhook, NonResourceUrls = ["/metrics"], Verbs = RbacVerb.Get)]
    private sealed class PathOfNamespace;

    [EntityRbac(typeof(V1Node), Role = OperatorRoles.LeaderElection, Verbs = RbacVerb.Get)]
    private sealed class NodeOfNamespace;

    [EntityRbac(Role = OperatorRoles.Fleet, Verbs = RbacVerb.Get)]
    private sealed class Nothing;

    [EntityRbac(typeof(V1Node))]
    private sealed class NoVerbs;
}
