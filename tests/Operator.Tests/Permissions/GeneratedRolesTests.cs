using GpuStack.Operator.Commands.Generate;
using GpuStack.Operator.Permissions;

namespace GpuStack.Operator.Tests.Permissions;

public sealed class GeneratedRolesTests
{
    public static TheoryData<string> Files => [.. RbacFiles.Texts().Keys];

    [Theory]
    [MemberData(nameof(Files))]
    public void CommittedFile_IsWhatTheAttributesGive(string path)
    {
        var committed = File.ReadAllText(Path.Combine(RepositoryRoot(), path));

        Assert.True(RbacFiles.Texts()[path] == committed, $"{path} is stale. Write it anew with: {RoleYaml.Command}");
    }

    [Fact]
    public void Charts_HaveNoRoleThatIsNotGenerated()
    {
        var files = Directory.EnumerateFiles(Path.Combine(RepositoryRoot(), RbacFiles.ChartFolder)).Select(file => RbacFiles.ChartFolder + Path.GetFileName(file));

        Assert.Empty(files.Except(RbacFiles.Texts().Keys));
    }

    [Fact]
    public void Kustomization_HasEveryRoleAndBinding_ButThatOfFleetPods()
    {
        var kustomization = File.ReadAllText(Path.Combine(RepositoryRoot(), RbacFiles.KustomizeFolder, "kustomization.yaml"));

        var generated = RbacFiles.Texts().Keys.Where(path => path.StartsWith(RbacFiles.KustomizeFolder, StringComparison.Ordinal)).Select(path => Path.GetFileName(path)!);
        var missing = generated.Where(file => !kustomization.Contains($"- {file}\n", StringComparison.Ordinal));
        Assert.Equal(["fleet_pods_role.yaml", "fleet_pods_role_binding.yaml"], missing);
    }

    [Fact]
    public void Rules_HaveNoWildcardAndNoResourceTwiceWithTheSameNames()
    {
        foreach (var rules in RoleRules.Of(typeof(RbacFiles).Assembly.GetTypes()).Values)
        {
            Assert.All(rules, rule => Assert.DoesNotContain("*", rule.Group + rule.Resource + string.Concat(rule.Verbs), StringComparison.Ordinal));
            Assert.Equal(rules.Count, rules.DistinctBy(rule => (rule.Group, rule.Resource, string.Join('\n', rule.Names))).Count());
        }
    }

    [Fact]
    public void FleetRoles_OnlyRead()
    {
        var rules = RoleRules.Of(typeof(RbacFiles).Assembly.GetTypes());

        Assert.All([.. rules[OperatorRoles.Fleet], .. rules[OperatorRoles.FleetPods]], rule => Assert.Equal(["list", "watch"], rule.Verbs));
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
