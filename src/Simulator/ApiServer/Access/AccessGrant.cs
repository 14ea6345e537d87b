namespace GpuStack.Simulator.ApiServer.Access;

/// <summary>A rule that allowed something, and what.</summary>
/// <param name="Role">The role: <c>ClusterRole NAME</c> or <c>Role NAMESPACE/NAME</c>.</param>
/// <param name="Rule">Which of its rules, from 0.</param>
/// <param name="Verb">The verb.</param>
/// <param name="Group">The API group; empty for the core group and for paths.</param>
/// <param name="Resource">The plural with the subresource after a slash, or the path.</param>
/// <param name="IsReview">Whether it was asked by a SubjectAccessReview, as opposed to done.</param>
public sealed record AccessGrant(string Role, int Rule, string Verb, string Group, string Resource, bool IsReview);
