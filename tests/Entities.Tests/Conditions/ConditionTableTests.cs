using System.Reflection;
using GpuStack.Entities.Conditions;

namespace GpuStack.Entities.Tests.Conditions;

public sealed class ConditionTableTests
{
    [Fact]
    public void Rows_AreDistinct() =>
        Assert.Equal(ConditionTable.Rows.Count, ConditionTable.Rows.DistinctBy(row => (row.Type, row.Status, row.Reason)).Count());

    [Fact]
    public void Table_KnowsEveryTypeAndReason()
    {
        Assert.Equal(Constants(typeof(ConditionTypes)), ConditionTable.Rows.Select(row => row.Type).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(Constants(typeof(ConditionReasons)), ConditionTable.Rows.Select(row => row.Reason).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void WhatOnlyTheUserCanMend_HasARemedy() =>
        Assert.All(ConditionTable.Rows.Where(row => row is { Type: ConditionTypes.Stalled, Status: "True" }), row => Assert.NotEmpty(row.Remedy));

    private static IEnumerable<string> Constants(Type type) => type
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (string)field.GetRawConstantValue()!)
        .Order(StringComparer.Ordinal);
}
