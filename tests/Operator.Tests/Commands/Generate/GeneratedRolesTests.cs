using GpuStack.Operator.Commands.Generate;

namespace GpuStack.Operator.Tests.Commands.Generate;

public sealed class GeneratedRolesTests
{
    public static TheoryData<string> Files => [.. RbacFiles.Texts().Keys];

    [Theory]
    [MemberData(nameof(Files))]
    public void CommittedRole_IsWhatTheAttributesGive(string name)
    {
        foreach (var folder in (string[])["config/rbac", "charts/gpustack-operator/files"])
        {
            var committed = File.ReadAllText(Path.Combine(RepositoryRoot(), folder, name));
            Assert.True(RbacFiles.Texts()[name] == committed, $"{folder}/{name} is stale. Write it anew with: {OperatorRole.Command}");
        }
    }

    [Fact]
    public void Rules_HaveNoWildcardAndNoVerbTwice()
    {
        var rules = OperatorRole.Rules(typeof(RbacFiles).Assembly);

        Assert.All(rules, rule => Assert.DoesNotContain("*", rule.Group + rule.Resource + string.Concat(rule.Verbs), StringComparison.Ordinal));
        Assert.Equal(rules.Count, rules.DistinctBy(rule => (rule.Group, rule.Resource)).Count());
    }

    private static string RepositoryRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "GpuStack.Operator.sln"))) return folder.FullName;
        }
        throw new DirectoryNotFoundException("The tests run outside the repository: GpuStack.Operator.sln is in no parent folder.");
    }
}
