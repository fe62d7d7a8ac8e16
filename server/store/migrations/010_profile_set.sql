-- Whether a model has set her price herself: until then her first page leads her there.

alter table model_profile add column set_at timestamptz;
update model_profile set set_at = now()
 where rate_minor <> 200 or minimum_min <> 1 or about <> '' or languages <> '{}' or tags <> '{}';
